/** What of the browser's interfaces decoding uses. The library is compiled without the DOM's types, so that Node code cannot use them. */
export interface WebFrame {
  readonly displayWidth: number;
  readonly displayHeight: number;
  copyTo(target: Uint8Array, options: { readonly format: "RGBA" }): Promise<unknown>;
  close(): void;
}

interface WebBitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}

interface WebContext {
  drawImage(bitmap: WebBitmap, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}

interface WebImageDecoder {
  readonly tracks: { readonly ready: Promise<void>; readonly selectedTrack: { readonly frameCount: number } | null };
  decode(): Promise<{ readonly image: WebFrame }>;
  close(): void;
}

interface WebDecoders {
  createImageBitmap(blob: Blob, options: { readonly colorSpaceConversion: "none" }): Promise<WebBitmap>;
  readonly OffscreenCanvas: new (
    width: number,
    height: number,
  ) => { getContext(kind: "2d", options: { readonly willReadFrequently: true }): WebContext };
  /** Not in every browser. */
  readonly ImageDecoder?: new (options: {
    readonly data: Uint8Array;
    readonly type: string;
    readonly premultiplyAlpha: "none";
    readonly colorSpaceConversion: "none";
  }) => WebImageDecoder;
}

export const web = globalThis as unknown as WebDecoders;
