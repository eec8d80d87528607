"""What names of firms are made of, and names taken apart."""
