/** The LIKE pattern of everything that contains `text`, with `%` and `_` taken for what they are. */
export const containsText = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
