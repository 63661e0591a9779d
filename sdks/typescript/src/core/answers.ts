import { exhaustedMs, retryAfterMs } from './rate-headers.js';
import type { TransportResponse } from './types.js';

/** An entry of `errors` or `warnings` in an answer. */
export interface Finding {
  index: number;
  field?: string;
  code?: string;
  message: string;
}

/** What an answer means for the events of its request. */
export type Verdict =
  /** The events with an error are refused. The others are taken if `accepted`, and undecided otherwise. */
  | {
      kind: 'decided';
      status: number;
      accepted: boolean;
      errors: Map<number, Finding>;
      warnings: Finding[];
      pauseMs: number;
    }
  /** The request is refused for something in it: smaller ones show what. */
  | { kind: 'split'; reason: 'too_large' | 'rejected'; status: number; code?: string; retryAfterMs?: number }
  /** The server takes no compressed body. */
  | { kind: 'uncompressed'; status: number }
  /** The same request may succeed later. */
  | { kind: 'transient'; status?: number; code?: string; retryAfterMs: number }
  /** The plan's events are used up. So many more fit. */
  | { kind: 'quota'; status: number; code: string; remaining: number }
  /** The key or the URL is wrong, whatever the events are. */
  | { kind: 'configuration'; status: number; code?: string };

/** The status of an answer to `redirect: 'manual'` in browsers, which do not show where it leads. */
const opaqueRedirect = 0;

const configurationStatuses = new Set([401, 403, 404, 405]);

/**
 * Reads an answer.
 * @param events The number of events in the request.
 * @param compressed Whether the request was compressed.
 * @param now UTC in milliseconds since 1970.
 */
export async function readAnswer(
  answer: TransportResponse,
  events: number,
  compressed: boolean,
  now: number,
): Promise<Verdict> {
  const { status, headers } = answer;
  const body = parseObject(await answer.text());
  const code = codeOf(body);
  const known = code === undefined ? { status } : { status, code };
  const wait = retryAfterMs(headers, now);
  const transient: Verdict = { kind: 'transient', ...known, retryAfterMs: wait };

  if (status === 202) {
    const complete = isCount(body.accepted) && isCount(body.rejected) && body.accepted + body.rejected === events;
    if (!complete) return transient;
    const errors = byIndex(findings(body.errors), events);
    const warnings = findings(body.warnings);
    return { kind: 'decided', status, accepted: true, errors, warnings, pauseMs: exhaustedMs(headers) };
  }
  if (status === opaqueRedirect || (status >= 300 && status < 400)) return { kind: 'configuration', ...known };
  if (status < 400 || status >= 500 || status === 408) return transient;
  if (configurationStatuses.has(status)) return { kind: 'configuration', ...known };
  if (status === 413) return { kind: 'split', reason: 'too_large', ...known, retryAfterMs: wait };
  if (status === 415 && compressed) return { kind: 'uncompressed', status };
  if (status === 429) {
    if (code !== 'quota_exceeded') return transient;
    return { kind: 'quota', status, code, remaining: isCount(body.remaining) ? body.remaining : 0 };
  }
  if (status === 400 && code === 'bad_request') return transient;
  if (status === 400 && code === 'validation_failed') {
    const errors = byIndex(findings(body.errors), events);
    if (errors.size > 0) return { kind: 'decided', status, accepted: false, errors, warnings: [], pauseMs: 0 };
  }
  return { kind: 'split', reason: 'rejected', ...known, retryAfterMs: wait };
}

type JsonObject = Record<string, unknown>;

function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Codes go into the log, so a text that is none of the server's codes is not taken for one. */
function codeOf(object: JsonObject): string | undefined {
  return typeof object.code === 'string' && /^[a-z0-9_]{1,64}$/.test(object.code) ? object.code : undefined;
}

function findings(value: unknown): Finding[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((entry) => {
    const code = codeOf(entry);
    return {
      index: isCount(entry.index) ? entry.index : -1,
      ...(typeof entry.field === 'string' && entry.field !== '' && { field: entry.field }),
      ...(code !== undefined && { code }),
      message: typeof entry.message === 'string' ? entry.message : (code ?? ''),
    };
  });
}

/** The first error of each event. */
function byIndex(errors: Finding[], events: number): Map<number, Finding> {
  const first = new Map<number, Finding>();
  for (const error of errors)
    if (error.index >= 0 && error.index < events && !first.has(error.index)) first.set(error.index, error);
  return first;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
