"""Loans followed as transfers come in, late ones too."""
