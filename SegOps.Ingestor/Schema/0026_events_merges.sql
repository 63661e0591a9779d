-- Merges are what storing an event costs most: larger ones are fewer. Statistics of columns, which 26.7 makes by itself, would be made anew in each,
-- for joins that nobody does. docs/decisions/0004-tables.md has the figures.
ALTER TABLE events MODIFY SETTING auto_statistics_types = '', merge_selector_base = 10
