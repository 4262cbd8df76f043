"""What lies on the table: items, containers, zones, their colours, and the choices among them."""
