"""Deploys to AWS, and takes away again: `make deploy ENV=dev`, `make destroy ENV=dev`."""
