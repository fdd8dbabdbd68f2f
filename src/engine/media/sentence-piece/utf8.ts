const encoder = new TextEncoder();

/** The names of the pieces that stand for a text's bytes. */
export function byteNames(text: string): string[] {
  return [...encoder.encode(text)].map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
}

/** The byte that such a name stands for. */
export const byteOf = (name: string): number => Number(name.slice(1, -1));

/** A text of UTF-8, in which each byte that is none counts as one unknown character, as in SentencePiece. */
export function textOfBytes(bytes: readonly number[]): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    try {
      text += decoder.decode(Uint8Array.from(bytes.slice(at, at + length)));
      at += length;
    } catch {
      text += "\uFFFD";
      at++;
    }
  }
  return text;
}
