"""What the demo shop is made of, without a database: its goods, its people, its pictures."""
