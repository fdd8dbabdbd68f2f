/** Side of the square matrices whose product gives the machine's rate. */
export const MATMUL_SIZE = 1024;

/** Products per measurement: about as long as a forward pass, so that waking the threads weighs as little. */
export const MATMUL_REPEATS = 16;

/** Texts of a pool, and how many of them a direction is written in. */
export const TEXTS = 30_000;
export const ATOMS = 32;

/** Layers whose heads are streamed, the last ones; texts of a pool, and how many of them span a head. */
export const HEAD_LAYERS = 4;
export const SPAN_TEXTS = 3498;
export const SPAN_COUNT = 60;
