"""A million lifelike cases, and how long the board's questions take over them."""
