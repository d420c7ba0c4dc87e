/** Takes the place of `lib/auth/password-cost.ts` in tests with a database, which derive hundreds of passwords. */
export const COST = { N: 2 ** 8, r: 8, p: 1 } as const;
