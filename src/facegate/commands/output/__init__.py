"""What commands show and write: sentences, tables, reports, pictures and exit codes. No command is here."""
