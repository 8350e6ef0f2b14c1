"""What happens, sent to the addresses of programs."""
