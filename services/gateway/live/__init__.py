"""What happens, as it happens: the stream of server-sent events."""
