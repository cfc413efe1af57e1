"""The carriers: which there are, a workspace's account with each, where they go."""
