"""`make demo`: one batch of sample orders from the API to the robot and back, checked at the end."""
