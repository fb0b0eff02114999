"""Labelled articles and what the program answered to them, turned into a table of figures.

The definitions are those of the comparisons the program is measured in (MUC-4's ALL TEMPLATES, Chinchor 1992; Gritta et
al. 2018, "Which Melbourne?"), so that a figure of one's own set stands beside published ones. docs/evaluation.md
describes the format of a set and every row of the table.
"""
