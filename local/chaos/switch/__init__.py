"""On the path of the Lambda workers of a chaos run, and of nothing else."""
