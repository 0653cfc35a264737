import ts from 'typescript';

/** What the interfaces of the options say of their properties. */
export class Documentation {
  #checker;
  #interfaces = new Map();

  /** @param source the file that declares or exports the interfaces. */
  constructor(source) {
    const program = ts.createProgram([source], {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      types: ['node'],
    });
    this.#checker = program.getTypeChecker();
    const module = this.#checker.getSymbolAtLocation(program.getSourceFile(source));
    for (const symbol of this.#checker.getExportsOfModule(module)) {
      const declared = symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
      this.#interfaces.set(symbol.name, this.#properties(this.#checker.getDeclaredTypeOfSymbol(declared)));
    }
  }

  /** Each property of an interface: its description, whether it is optional, and the interfaces that its type names. */
  propertiesOf(name) {
    return this.#interfaces.get(name) ?? new Map();
  }

  #properties(type) {
    return new Map(
      this.#checker.getPropertiesOfType(type).map((property) => [
        property.name,
        {
          description: ts.displayPartsToString(property.getDocumentationComment(this.#checker)).replaceAll(/\s+/g, ' '),
          isOptional: (property.flags & ts.SymbolFlags.Optional) !== 0,
          interfaces: this.#interfacesIn(this.#checker.getTypeOfSymbol(property)),
        },
      ]),
    );
  }

  #interfacesIn(type) {
    if (type.isUnion()) {
      return type.types.flatMap((member) => this.#interfacesIn(member));
    }
    if (this.#checker.isArrayType(type)) {
      return this.#checker.getTypeArguments(type).flatMap((member) => this.#interfacesIn(member));
    }
    return type.isClassOrInterface() ? [type.symbol.name] : [];
  }
}
