"""Who supplies whom, what each needs, and who could stop many."""
