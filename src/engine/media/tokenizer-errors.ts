import { VitrineError } from "../errors.js";

export class TokenizerMissingError extends VitrineError {
  readonly code = "tokenizer-missing";
  constructor(where: string, cause?: unknown, files = "tokenizer.json") {
    const fix = `fetch the checkpoint again with its ${files}`;
    super({ what: "no such tokenizer file", where, expected: `the checkpoint's ${files}`, fix, cause });
  }
}

export class TokenizerNotReadableError extends VitrineError {
  readonly code = "tokenizer-not-readable";
  constructor(where: string, got: string, cause?: unknown) {
    super({ what: "cannot read the tokenizer file", where, got, fix: "check the file's kind and permissions", cause });
  }
}

export class TokenizerNotJsonError extends VitrineError {
  readonly code = "tokenizer-not-json";
  constructor(where: string, got: string, cause?: unknown) {
    super({ what: "the tokenizer file is not JSON", where, got, fix: "fetch tokenizer.json again", cause });
  }
}

export class TokenizerNotClipError extends VitrineError {
  readonly code = "tokenizer-not-clip";
  constructor(where: string, got: string, expected: string, cause?: unknown) {
    super({ what: "not a CLIP tokenizer", where, got, expected, fix: "use the tokenizer.json of a CLIP model", cause });
  }
}

export class TokenizerContextTooShortError extends VitrineError {
  readonly code = "tokenizer-context-too-short";
  constructor(contextLength: number) {
    super({
      what: "the context is too short for any text",
      got: `context length ${contextLength}`,
      expected: "a whole number from 3 (start, a token, end), or from 2 for SigLIP (a token, end)",
      fix: "use the model's own context length (77 for CLIP, 64 for SigLIP)",
    });
  }
}

export class TokenizerNotSiglipError extends VitrineError {
  readonly code = "tokenizer-not-siglip";
  constructor(where: string, got: string, expected: string, cause?: unknown) {
    const fix = "use the tokenizer.json of a SigLIP model";
    super({ what: "not a SigLIP tokenizer", where, got, expected, fix, cause });
  }
}

export class TokenizerNotUsableError extends VitrineError {
  readonly code = "tokenizer-not-usable";
  constructor(
    where: string,
    got: string,
    options: { readonly expected?: string; readonly fix?: string; readonly cause?: unknown } = {},
  ) {
    const {
      expected = "the vocabulary and text rules of a language model's tokenizer.json",
      fix = "get the file again",
      cause,
    } = options;
    super({ what: "cannot use the tokenizer", where, got, expected, fix, cause });
  }
}

export class TokenizerNotSentencePieceError extends VitrineError {
  readonly code = "tokenizer-not-sentence-piece";
  constructor(where: string, got: string, cause?: unknown) {
    const expected = "pieces, and how they are used";
    const fix = "fetch tokenizer.model again";
    super({ what: "the tokenizer file is not a SentencePiece model", where, got, expected, fix, cause });
  }
}
