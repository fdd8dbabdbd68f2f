/** Side of the square matrices whose product gives the machine's rate. */
export const MATMUL_SIZE = 1024;
