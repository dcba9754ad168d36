"""Measurements on sets of questions with known answers. Figures in docs and data files come from here."""
