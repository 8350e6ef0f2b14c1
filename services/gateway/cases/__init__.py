"""Cases and the catalogue, asked of the issues service."""
