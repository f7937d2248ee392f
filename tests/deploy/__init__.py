"""What is put on a server beside the gateway: units, a proxy's settings, alert rules."""
