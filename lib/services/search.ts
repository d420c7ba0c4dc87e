/** The LIKE pattern for values that contain `text`, in which `%` and `_` are literal. */
export const containsText = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
