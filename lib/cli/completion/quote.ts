/** Quotes a text for bash and zsh. */
export const singleQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
