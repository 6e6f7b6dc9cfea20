/** Lets the browser save what is in memory under a name. */
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address after this turn; a minute is plenty on any machine.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
