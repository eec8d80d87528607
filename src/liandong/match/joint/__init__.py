"""Applications of one controller as one, and products that several lenders stand behind."""
