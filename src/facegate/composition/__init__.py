"""The only place that names concrete classes: builds the application, the server and what runs beside it."""
