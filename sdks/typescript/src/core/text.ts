/** The size of a text in UTF-8, without encoding it. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair stands for 2 of the pair's 4 bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** The number of Unicode scalar values, or NaN if half of a surrogate pair stands alone. */
export function scalars(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    count++;
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(++i);
    const isPair = unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff;
    if (!isPair) return Number.NaN;
  }
  return count;
}

/** Whether a text has a control character: U+0000 to U+001F or U+007F to U+009F. */
export function hasControlCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f)) return true;
  }
  return false;
}

const quote = 0x22;
const backslash = 0x5c;

/** The number of levels of objects and arrays in JSON text; the outermost is level 1. */
export function jsonDepth(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === quote) {
      while (json.charCodeAt(++i) !== quote) if (json.charCodeAt(i) === backslash) i++;
    } else if (unit === 0x7b || unit === 0x5b) {
      deepest = Math.max(deepest, ++depth);
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--;
    }
  }
  return deepest;
}
