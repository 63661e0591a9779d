DROP TABLE IF EXISTS volume_by_quarter
