import { VitrineError } from "../errors.js";

export class IdxFormatError extends VitrineError {
  readonly code = "idx-format";
  constructor(where: string, got: string, expected: string, cause?: unknown) {
    super({ what: "not an IDX file of the kind that is needed", where, got, expected, cause });
  }
}

export class IdxSizeError extends VitrineError {
  readonly code = "idx-size";
  constructor(where: string, bytes: number, expected: string) {
    const fix = "fetch or unpack it again";
    super({ what: "the IDX file has another size than its header says", where, got: `${bytes} bytes`, expected, fix });
  }
}

export class IdxLabelsError extends VitrineError {
  readonly code = "idx-labels";
  constructor(where: string, labels: number, pictures: number) {
    super({
      what: "there are not as many labels as pictures",
      where,
      got: `${labels} labels`,
      expected: `${pictures}`,
      fix: "put the labels that belong to these pictures beside them, or move them away to go without",
    });
  }
}
