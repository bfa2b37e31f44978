import type { Command } from 'commander';

/** Shells that completion is written for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command, and what may follow it. */
interface Place {
  /** The words of the command behind the program's name. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly { readonly flag: string; readonly about: string }[];
}

/** A script by which a shell completes the program's commands and options; generated from the commands that there are. */
export function completionFor(program: Command, shell: Shell): string {
  const places = placesOf(program, []);
  switch (shell) {
    case 'bash':
      return bashScript(program.name(), places);
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(program.name(), places)}`;
    case 'fish':
      return fishScript(program.name(), places);
  }
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const options = command.options.map(({ long, short, description }) => {
    return { flag: long ?? short ?? '', about: description };
  });
  const place: Place = {
    path,
    commands: command.commands.map((each) => ({ name: each.name(), about: each.summary() })),
    options: [...options, { flag: '--help', about: 'what it is for' }],
  };
  const below = command.commands.flatMap((each) => placesOf(each, [...path, each.name()]));
  return [place, ...below];
}

/** The commands that there are, in quotes: what else stands among the words is the value of an option, or what a command is about. */
function pathsOf(places: readonly Place[]): string[] {
  return places.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(' ')}"`);
}

function bashScript(name: string, places: readonly Place[]): string {
  const known = pathsOf(places);
  const words = places.map(({ path, commands, options }) => {
    const all = [...commands.map((each) => each.name), ...options.map(({ flag }) => flag)];
    return `    "${path.join(' ')}") words="${all.join(' ')}" ;;`;
  });
  return `_${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" words="" next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in
      ${known.join('|')}) path="$next" ;;
    esac
  done
  case "$path" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _${name} ${name}
`;
}

function fishScript(name: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options }) => {
    const at = `complete -c ${name} -n '__${name}_at "${path.join(' ')}"'`;
    return [
      ...commands.map((each) => `${at} -f -a ${each.name} -d ${quote(each.about)}`),
      ...options.map(({ flag, about }) => `${at} -l ${flag.replace(/^--/, '')} -d ${quote(about)}`),
    ];
  });
  return `function __${name}_at --argument-names path
  set -l known ${pathsOf(places).join(' ')}
  set -l at
  for word in (commandline -opc)[2..-1]
    set -l next (string join ' ' -- $at $word)
    contains -- "$next" $known; and set at $next
  end
  test "$at" = "$path"
end
${lines.join('\n')}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
