"""Load that checks answers: locust files, and what they share."""
