/** Reads a stream until a text has arrived, and hangs up. */
export async function hangUpAt(text: string, { body }: Response): Promise<void> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let seen = "";
  while (!seen.includes(text)) seen += decoder.decode((await reader?.read())?.value);
  await reader?.cancel();
}
