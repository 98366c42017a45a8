"""The web page: Streamlit, a client of /v1 and of nothing else."""
