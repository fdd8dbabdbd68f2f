/**
 * Reads a SentencePiece model, usually called `tokenizer.model`.
 *
 * @file Source: sentencepiece_model.proto of SentencePiece. Only what cutting texts needs is read; what would change it and is not built
 * is refused.
 */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { TokenizerNotSentencePieceError, TokenizerNotUsableError } from "../tokenizer-errors.js";

export type PieceType = (typeof TYPES)[keyof typeof TYPES];

export interface Piece {
  /** With "▁" for spaces. */
  readonly text: string;
  readonly score: number;
  readonly type: PieceType;
}

/** A piece's id is its place. */
export interface SentencePieceFile {
  readonly pieces: readonly Piece[];
  readonly kind: "unigram" | "byte-pairs";
  /** Whether characters without a piece become the bytes of their UTF-8, of which then all are pieces. */
  readonly byteFallback: boolean;
  /** The piece for what has none. */
  readonly unknown: number;
  /** The pieces that start and end a text, where the vocabulary has such. */
  readonly start: string | undefined;
  readonly end: string | undefined;
  /** Rules that rewrite characters, compiled; undefined where texts are taken as they are. */
  readonly charsmap: Uint8Array | undefined;
  /** Whether a space is put before each text. */
  readonly dummyPrefix: boolean;
  /** Whether spaces at the ends go, and several become one. */
  readonly removeExtraSpaces: boolean;
}

const TYPES = { 1: "normal", 2: "unknown", 3: "control", 4: "user-defined", 5: "unused", 6: "byte" } as const;
const KINDS: Readonly<Record<number, string>> = { 1: "unigram", 2: "byte-pairs", 3: "word", 4: "character" };
const BYTES = 256;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws TokenizerNotSentencePieceError, or TokenizerNotUsableError for a kind that is not built. `where` names the file. */
export function readSentencePieceModel(where: string, bytes: Uint8Array): SentencePieceFile {
  const proto = decoded(where, bytes);
  const { pieces, trainer, normaliser } = proto;
  const damaged = flaw(proto);
  if (damaged !== undefined) throw new TokenizerNotSentencePieceError(where, damaged);
  const kind = KINDS[trainer.kind] ?? `model type ${trainer.kind}`;
  if (kind !== "unigram" && kind !== "byte-pairs") throw notBuilt(where, `a ${kind} model`, "byte pairs or unigrams");
  if (trainer.spaceAsSuffix) throw notBuilt(where, "spaces as suffixes of words", "as their prefixes");
  if (!normaliser.escapeSpaces) throw notBuilt(where, "spaces that are kept", 'spaces as "▁"');
  if (proto.rewritesOutput) throw notBuilt(where, "rules that rewrite what was decoded", "none");
  const control = (text: string): string | undefined =>
    pieces.find((piece) => piece.text === text && piece.type === "control")?.text;
  return {
    pieces,
    kind,
    byteFallback: trainer.byteFallback,
    unknown: pieces.findIndex(({ type }) => type === "unknown"),
    start: control(trainer.start),
    end: control(trainer.end),
    charsmap: normaliser.charsmap.length === 0 ? undefined : normaliser.charsmap,
    dummyPrefix: normaliser.dummyPrefix,
    removeExtraSpaces: normaliser.removeExtraSpaces,
  };
}

interface Proto {
  readonly pieces: Piece[];
  hasTrainer: boolean;
  hasNormaliser: boolean;
  rewritesOutput: boolean;
  readonly trainer: { kind: number; spaceAsSuffix: boolean; byteFallback: boolean; start: string; end: string };
  readonly normaliser: {
    charsmap: Uint8Array;
    dummyPrefix: boolean;
    removeExtraSpaces: boolean;
    escapeSpaces: boolean;
  };
}

function decoded(where: string, bytes: Uint8Array): Proto {
  const proto: Proto = {
    pieces: [],
    hasTrainer: false,
    hasNormaliser: false,
    rewritesOutput: false,
    // What the format has for fields that are not there.
    trainer: { kind: 1, spaceAsSuffix: false, byteFallback: false, start: "<s>", end: "</s>" },
    normaliser: { charsmap: new Uint8Array(), dummyPrefix: true, removeExtraSpaces: true, escapeSpaces: true },
  };
  try {
    readMessage(bytes, {
      1: message((field) => proto.pieces.push(pieceOf(field))),
      2: message((field) => {
        proto.hasTrainer = true;
        readTrainer(field, proto.trainer);
      }),
      3: message((field) => {
        proto.hasNormaliser = true;
        readNormaliser(field, proto.normaliser);
      }),
      5: message((field) => {
        readMessage(field, { 2: message((charsmap) => (proto.rewritesOutput ||= charsmap.length > 0)) });
      }),
    });
  } catch (cause) {
    const got = cause instanceof RangeError ? "a file that is cut off" : (cause as Error).message;
    throw new TokenizerNotSentencePieceError(where, kindOf(bytes) ?? got, cause);
  }
  return proto;
}

type Field = readonly [WireType, (reader: BinaryReader) => void];

function readMessage(bytes: Uint8Array, fields: Readonly<Record<number, Field>>): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const field = fields[number];
    if (field === undefined) reader.skip(type, number);
    else if (field[0] !== type) throw new Error(`field ${number} of another type`);
    else field[1](reader);
  }
}

const message = (take: (bytes: Uint8Array) => void): Field => [
  WireType.LengthDelimited,
  (reader) => {
    take(reader.bytes());
  },
];
const text = (take: (text: string) => void): Field =>
  message((bytes) => {
    take(UTF8.decode(bytes));
  });
const flag = (take: (value: boolean) => void): Field => [
  WireType.Varint,
  (reader) => {
    take(reader.bool());
  },
];
const int = (take: (value: number) => void): Field => [
  WireType.Varint,
  (reader) => {
    take(reader.int32());
  },
];

function pieceOf(bytes: Uint8Array): Piece {
  const piece = { text: "", score: 0, type: 1 };
  readMessage(bytes, {
    1: text((value) => (piece.text = value)),
    2: [WireType.Bit32, (reader) => (piece.score = reader.float())],
    3: int((value) => (piece.type = value)),
  });
  if (!(piece.type in TYPES)) throw new Error(`a piece of type ${piece.type}`);
  return { ...piece, type: TYPES[piece.type as keyof typeof TYPES] };
}

function readTrainer(bytes: Uint8Array, trainer: Proto["trainer"]): void {
  readMessage(bytes, {
    3: int((value) => (trainer.kind = value)),
    24: flag((value) => (trainer.spaceAsSuffix = value)),
    35: flag((value) => (trainer.byteFallback = value)),
    46: text((value) => (trainer.start = value)),
    47: text((value) => (trainer.end = value)),
  });
}

function readNormaliser(bytes: Uint8Array, normaliser: Proto["normaliser"]): void {
  readMessage(bytes, {
    2: message((value) => (normaliser.charsmap = value)),
    3: flag((value) => (normaliser.dummyPrefix = value)),
    4: flag((value) => (normaliser.removeExtraSpaces = value)),
    5: flag((value) => (normaliser.escapeSpaces = value)),
  });
}

/** What is wrong with a file whose fields could be read; SentencePiece itself refuses the same. */
function flaw({ pieces, hasTrainer, hasNormaliser, trainer }: Proto): string | undefined {
  if (pieces.length === 0) return "no pieces";
  // These come after the pieces: a file that is cut off between two fields has no other sign of it.
  if (!hasTrainer || !hasNormaliser) return "a file that ends after its pieces";
  const unknown = pieces.filter(({ type }) => type === "unknown").length;
  if (unknown !== 1) return `${unknown} pieces for what is unknown`;
  if (pieces.some((piece) => piece.text === "" || !Number.isFinite(piece.score)))
    return "a piece without text or score";
  if (new Set(pieces.map((piece) => piece.text)).size < pieces.length) return "a piece twice";
  const bytes = pieces.filter(({ type }) => type === "byte");
  if (bytes.some((piece) => !/^<0x[0-9A-F]{2}>$/.test(piece.text))) return "a byte of another name";
  if (trainer.byteFallback && bytes.length !== BYTES) return `pieces for ${bytes.length} of ${BYTES} bytes`;
  return undefined;
}

/** What lies in place of such a file at times. */
function kindOf(bytes: Uint8Array): string | undefined {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 100));
  if (start.startsWith("version https://git-lfs")) return "a Git LFS pointer";
  if (start.startsWith("{")) return "JSON";
  if (/^[\w+/]+=* \d+\n/.test(start)) return "a vocabulary of tiktoken, in lines of text";
  return undefined;
}

function notBuilt(where: string, got: string, expected: string): TokenizerNotUsableError {
  const fix = "convert it with Transformers, which writes a tokenizer.json";
  return new TokenizerNotUsableError(where, got, { expected, fix });
}
