import { Argument } from 'commander';
import type { AddCommand } from './context';

/**
 * What each shell runs when a word is to be completed: `dsc-train complete` with the words before the cursor (or the line, where a shell
 * cuts words at `=` and `:`). It is answered with a line an offer, its meaning behind a tab, and `::files` where a path may stand too.
 */
export const SHELLS = {
  bash: {
    where: 'add to ~/.bashrc: eval "$(dsc-train completion bash)"',
    script: `# bash completion of dsc-train
_dsc_train() {
  local line cur values=() files=
  while IFS= read -r line; do
    case $line in
      ::files) files=1 ;;
      *) values+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(dsc-train complete --line "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  # what stands before the last break of a word is there already
  cur=\${COMP_LINE:0:COMP_POINT}
  cur=\${cur##*[[:space:]]}
  local there=
  case $cur in *["=:"]*) there=\${cur%"\${cur##*[=:]}"} ;; esac
  COMPREPLY=("\${values[@]#"$there"}")
  case \${values[0]} in *[=:,]) compopt -o nospace 2>/dev/null ;; esac
  if [[ -n $files && \${#values[@]} -gt 0 ]]; then
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${cur##*[=:]}")
    compopt -o filenames 2>/dev/null
  fi
  [[ -z $files ]] && compopt +o default 2>/dev/null
  return 0
}
complete -o default -F _dsc_train dsc-train
`,
  },
  zsh: {
    where: 'add to ~/.zshrc, behind compinit: eval "$(dsc-train completion zsh)"',
    script: `#compdef dsc-train
_dsc_train() {
  local line files= value
  local -a whole open
  while IFS= read -r line; do
    if [[ $line == ::files ]]; then files=1; continue; fi
    value=\${line%%$'\\t'*}
    line=\${line#*$'\\t'}
    line="\${value//:/\\\\:}\${line:+:$line}"
    if [[ $value == *[=:,] ]]; then open+=("$line"); else whole+=("$line"); fi
  done < <(dsc-train complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  local found=1
  (( \${#whole} )) && _describe -V 'dsc-train' whole && found=0
  (( \${#open} )) && _describe -V 'dsc-train' open -S '' && found=0
  [[ -n $files ]] && _files && found=0
  return found
}
compdef _dsc_train dsc-train
`,
  },
  fish: {
    where: 'dsc-train completion fish > ~/.config/fish/completions/dsc-train.fish',
    script: `# fish completion of dsc-train
function __dsc_train_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (dsc-train complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = ::files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c dsc-train -f -k -a '(__dsc_train_complete)'
`,
  },
  powershell: {
    where: 'add to $PROFILE: dsc-train completion powershell | Out-String | Invoke-Expression',
    script: `# PowerShell completion of dsc-train
Register-ArgumentCompleter -Native -CommandName dsc-train -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.ToString()
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    $line = $line.PadRight($length).Substring(0, $length)
    dsc-train complete --line $line 2>$null | Where-Object { $_ -ne '::files' } | ForEach-Object {
        $value, $what = $_ -split "\`t", 2
        if (-not $what) { $what = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $what)
    }
}
`,
  },
} as const;

export const addCompletion: AddCommand = (program, context) => {
  program
    .command('completion')
    .description('print a script that completes commands, flags, losses, config keys and files in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      () =>
      ['', 'To have it in every session:', ...Object.entries(SHELLS).map(([name, { where }]) => `  ${name.padEnd(11)} ${where}`)].join('\n'), // prettier-ignore
    )
    .action((shell: keyof typeof SHELLS) => void context.proc.stdout.write(SHELLS[shell].script));

  program
    .command('complete', { hidden: true })
    .description('what may stand where a word is being typed: what the scripts of completion ask for')
    .argument('[words...]', 'what stands behind the name of the program; the last one is being typed')
    .option('--line <text>', 'the line up to the cursor, in place of words')
    .action(async (words: string[], { line }: { line?: string }) => {
      const { complete, wordsOf } = await import('./complete.js');
      const { offers, files } = await complete(program, line === undefined ? words : wordsOf(line).slice(1));
      const lines = offers.map(({ value, what }) => `${value}\t${what.replace(/\s+/g, ' ')}\n`);
      context.proc.stdout.write(lines.join('') + (files ? '::files\n' : ''));
    });
};
