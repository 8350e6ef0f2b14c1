"""gateway: HTTP for people and programs: accounts, the API, its documentation."""
