import { decodeHTMLStrict } from "entities";

/**
 * `text` as ftfy 6's `fix_text` leaves it, but for what needs guessing: text that was decoded wrongly ("donâ€™t") is not
 * repaired. Also left out: names of HTML entities in capitals (`&EACUTE;`), and line breaks, which stay as they are.
 *
 * Entities become characters (not after a `<` has been seen: that is HTML), C1 controls what Windows-1252 has in
 * their place, Latin ligatures their letters, full-width and half-width forms the usual ones, curly quotes straight ones,
 * lone surrogates U+FFFD; terminal escapes, control characters and byte-order marks go; the result is in NFC.
 *
 * @see https://ftfy.readthedocs.io/en/latest/config.html
 */
export function fixText(text: string): string {
  let isHtml = false;
  const lines = text.split("\n").map((line) => {
    isHtml ||= line.includes("<");
    return fixLine(line, isHtml);
  });
  return lines.join("\n");
}

/** Text that was escaped more often than this was made to keep us busy. */
const MOST_PASSES = 8;

/** One fix may call for another (`&amp;rsquo;`), so all are repeated until nothing changes. */
function fixLine(line: string, isHtml: boolean): string {
  let fixed = line;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const before = fixed;
    fixed = fixCharacters(isHtml ? fixed : decodeHTMLStrict(fixed));
    if (fixed === before) break;
  }
  return fixed;
}

function fixCharacters(text: string): string {
  return text
    .replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!)
    .replace(/[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/g, (ligature) => LIGATURES[ligature]!)
    .replace(/[\u3000\uff01-\uffef]/g, (form) => form.normalize("NFKC"))
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/\x1b\[[\d;]*[a-zA-Z]/g, "")
    .replace(/[\0-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/g, "")
    .normalize("NFC");
}

/** For U+0080 to U+009F; where Windows-1252 has nothing, the control stays. */
const WINDOWS_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** Not those that are letters of their own, such as œ. */
const LIGATURES: Readonly<Record<string, string>> = {
  "\u0132": "IJ",
  "\u0133": "ij",
  // With the apostrophe U+02BC, which is then straightened.
  "\u0149": "\u02bcn",
  "\u01c4": "D\u017d",
  "\u01c5": "D\u017e",
  "\u01c6": "d\u017e",
  "\u01c7": "LJ",
  "\u01c8": "Lj",
  "\u01c9": "lj",
  "\u01ca": "NJ",
  "\u01cb": "Nj",
  "\u01cc": "nj",
  "\u01f1": "DZ",
  "\u01f2": "Dz",
  "\u01f3": "dz",
  "\ufb00": "ff",
  "\ufb01": "fi",
  "\ufb02": "fl",
  "\ufb03": "ffi",
  "\ufb04": "ffl",
  "\ufb05": "\u017ft",
  "\ufb06": "st",
};
