/** A command as it can be typed where it is printed: with the configuration that this one was given, which has a name of its own there. */
export function namingFile(command: string, file: string): string {
  return command.replace(/--config (?:client|relayer)\.json$/, () => `--config ${quote(file)}`);
}

/** For a shell. */
function quote(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
