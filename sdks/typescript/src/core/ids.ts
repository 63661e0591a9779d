const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Random bytes are drawn in blocks, because one call for each id costs more than the rest of the id. */
const blockBytes = 1_000;
const bytesPerId = 10;

/** Makes UUIDs of version 7 (RFC 9562) that increase, also within a millisecond and when the clock goes back. */
export class IdGenerator {
  readonly #random = new Uint8Array(blockBytes);
  #used = blockBytes;
  #time = 0;
  #counter = 0;

  /** @param now UTC in milliseconds since 1970. */
  next(now: number): string {
    const at = this.#draw();
    const random = this.#random;
    const byte = (index: number): number => random[at + index] as number;
    // A random start below half of the 12 bits leaves at least 2,048 ids for the millisecond.
    const start = ((byte(0) << 8) | byte(1)) & 0x7ff;
    if (now > this.#time) {
      this.#time = now;
      this.#counter = start;
    } else if (++this.#counter > 0xfff) {
      this.#time++;
      this.#counter = start;
    }

    const time = this.#time.toString(16).padStart(12, '0');
    const counter = this.#counter.toString(16).padStart(3, '0');
    return (
      `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${hex[(byte(2) & 0x3f) | 0x80]}${hex[byte(3)]}-` +
      `${hex[byte(4)]}${hex[byte(5)]}${hex[byte(6)]}${hex[byte(7)]}${hex[byte(8)]}${hex[byte(9)]}`
    );
  }

  #draw(): number {
    if (this.#used + bytesPerId > blockBytes) {
      crypto.getRandomValues(this.#random);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += bytesPerId;
    return at;
  }
}
