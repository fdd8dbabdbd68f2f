import { VitrineError } from "../errors.js";

const READS = "JPEG, PNG, WebP, AVIF, GIF or TIFF";

export class ImageFileMissingError extends VitrineError {
  readonly code = "image-file-missing";
  constructor(where: string, cause?: unknown) {
    super({ what: "no such image file", where, fix: "check the path", cause });
  }
}

export class ImageIsDirectoryError extends VitrineError {
  readonly code = "image-is-directory";
  constructor(where: string) {
    super({ what: "cannot read an image", where, got: "a directory", expected: "a file", fix: "name the files in it" });
  }
}

export class ImageNotReadableError extends VitrineError {
  readonly code = "image-not-readable";
  constructor(where: string, got: string, cause?: unknown) {
    super({ what: "cannot read the image file", where, got, fix: "check the file's kind and permissions", cause });
  }
}

export class ImageFileEmptyError extends VitrineError {
  readonly code = "image-file-empty";
  constructor(where: string) {
    super({ what: "the image file is empty", where, got: "0 bytes", expected: READS, fix: "fetch or save it again" });
  }
}

export class ImageFileTooLargeError extends VitrineError {
  readonly code = "image-file-too-large";
  constructor(where: string, bytes: number, limit: number) {
    super({
      what: "the image file is too large",
      where,
      got: `${bytes} bytes`,
      expected: `at most ${limit} bytes`,
      fix: "save it smaller or compressed",
    });
  }
}

export class NotAnImageError extends VitrineError {
  readonly code = "not-an-image";
  constructor(where: string, looksLike: string) {
    super({ what: "not an image", where, got: looksLike, expected: READS });
  }
}

export class ImageFormatUnsupportedError extends VitrineError {
  readonly code = "image-format-unsupported";
  constructor(where: string, got: string, fix: string) {
    super({ what: "image format not supported", where, got, expected: READS, fix });
  }
}

export class ImageCorruptError extends VitrineError {
  readonly code = "image-corrupt";
  constructor(where: string, format: string, reason: string, cause?: unknown) {
    super({
      what: "the image is corrupt or cut short",
      where,
      got: `${format} that fails to decode (${reason})`,
      fix: "fetch or save it again",
      cause,
    });
  }
}

export class ImageWithoutPixelsError extends VitrineError {
  readonly code = "image-without-pixels";
  constructor(where: string, width: number, height: number) {
    super({ what: "the image has no pixels", where, got: `${width}×${height}`, expected: "at least 1×1" });
  }
}

export class ImageTooManyPixelsError extends VitrineError {
  readonly code = "image-too-many-pixels";
  constructor(where: string, width: number, height: number, limit: number) {
    super({
      what: "the image has too many pixels",
      where,
      got: `${width}×${height} = ${width * height} pixels`,
      expected: `at most ${limit}`,
      fix: "scale it down first, or raise maxPixels",
    });
  }
}

export class ImageCmykError extends VitrineError {
  readonly code = "image-cmyk";
  constructor(where: string) {
    super({
      what: "the image is not RGB",
      where,
      got: "CMYK",
      expected: "RGB or grey",
      fix: "convert it to RGB first",
    });
  }
}

export class ImageAnimatedError extends VitrineError {
  readonly code = "image-animated";
  constructor(where: string, got: string) {
    super({
      what: "the image has several frames",
      where,
      got,
      expected: "one frame, or a choice of one",
      fix: "pass --frame 0 for the first frame",
    });
  }
}

export class ImageFrameOutOfRangeError extends VitrineError {
  readonly code = "image-frame-out-of-range";
  constructor(where: string, frame: number, frames: number) {
    super({
      what: "no such frame in the image",
      where,
      got: `frame ${frame}`,
      expected: frames === 1 ? "frame 0, the only one" : `a frame from 0 to ${frames - 1}`,
    });
  }
}

export class ImageCodecMissingError extends VitrineError {
  readonly code = "image-codec-missing";
  constructor(cause: unknown) {
    super({
      what: "the image library sharp cannot be loaded on this machine",
      got: `${process.platform}-${process.arch}`,
      fix: "install again with optional dependencies (npm install --include=optional)",
      cause,
    });
  }
}
