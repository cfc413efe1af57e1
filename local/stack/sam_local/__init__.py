"""What `sam local` needs to run the functions in containers, against the running stack."""
