"""How fast the product is, next to what PostgreSQL and Lambda allow: `make bench`."""
