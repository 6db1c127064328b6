"""Varve measured against restic and borg, in the same run and over the same data."""
