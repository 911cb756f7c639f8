"""Plays recorded calls on a mock, and makes a seed of what they speak of."""
