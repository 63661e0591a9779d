-- As in events (0026).
ALTER TABLE receipts MODIFY SETTING auto_statistics_types = '', merge_selector_base = 10
