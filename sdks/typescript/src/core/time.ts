const form = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/**
 * Reads an ISO 8601 date or time. No offset means UTC, as it does for SegOps; `Date.parse` would take local time.
 * @returns Milliseconds since 1970, or NaN.
 */
export function parseTime(text: string): number {
  const match = form.exec(text);
  if (!match) return Number.NaN;
  const [, year = '', month = '', day = '', minutes = '00:00', second = '00', fraction = '', zone = 'Z'] = match;
  // Date.parse turns 30 February into 2 March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return Number.NaN;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  return Date.parse(`${year}-${month}-${day}T${minutes}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
}
