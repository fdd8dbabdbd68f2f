/**
 * The part of the WebAssembly interface that is used here.
 *
 * @file TypeScript describes it only among the DOM's types, which a library for Node and browsers alike does not take in.
 */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

interface Namespace {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => Memory;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

export const { Memory, Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Namespace }).WebAssembly;
