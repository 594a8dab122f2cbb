# Gradient descent on a network without hidden layers (`hidden: []`) with cross entropy, in base R: a solver for `admmbench run`.
entry <- function(text, pattern) sub(paste0(".*", pattern, ".*"), "\\1", regmatches(text, regexpr(pattern, text)))
number <- function(text, key, default) {
  found <- regmatches(text, regexec(paste0('"', key, '" *: *([-+.0-9eE]+)'), text))[[1]]
  if (length(found) == 2) as.numeric(found[2]) else default
}

# Where an array lies: shape, offset and bytes of an entry, from its object in `arrays`.
place <- function(text, name) {
  object <- regmatches(text, regexpr(paste0('[{][^{}]*"name" *: *"', name, '"[^{}]*[}]'), text))
  shape <- strsplit(entry(object, '"shape" *: *\\[([^]]*)\\]'), ",")[[1]]
  list(shape = as.numeric(shape), offset = number(object, "offset"), size = if (grepl("float32", object)) 4 else 8)
}
get <- function(memory, at) {
  seek(memory, at$offset, rw = "read")
  values <- readBin(memory, "numeric", prod(at$shape), size = at$size)
  if (length(at$shape) == 2) matrix(values, at$shape[1], at$shape[2], byrow = TRUE) else values
}
put <- function(memory, at, values) {
  seek(memory, at$offset, rw = "write")
  writeBin(as.vector(if (is.matrix(values)) t(values) else values), memory, size = at$size)
  flush(memory)
}

input <- file("stdin", open = "r")
while (length(line <- readLines(input, 1)) == 1) {
  do <- entry(line, '"do" *: *"([a-z]+)"')
  answer <- "{}"
  if (do == "initialise") {
    memory <- file(entry(line, '"memory" *: *"([^"]+)"'), open = "r+b")
    at <- list(W = place(line, "W1"), b = place(line, "b1"))
    x <- get(memory, place(line, "x"))
    targets <- get(memory, place(line, "targets"))
    W <- get(memory, at$W)
    b <- get(memory, at$b)
    rate <- number(line, "lr", 0.1)
    if (grepl('"W2"', line, fixed = TRUE)) answer <- '{"error": "softmax.R: hidden layers are not for this method"}'
    if (!grepl('"cross_entropy"', line, fixed = TRUE)) answer <- '{"error": "softmax.R: the loss must be cross_entropy"}'
  } else if (do == "step") {
    z <- sweep(x %*% t(W), 2, b, "+")
    p <- exp(z - apply(z, 1, max))
    g <- (p / rowSums(p) - targets) / nrow(x)
    W <- W - rate * crossprod(g, x)
    b <- b - rate * colSums(g)
  } else if (do == "weights") {
    put(memory, at$W, W)
    put(memory, at$b, b)
  } else if (do == "end") {
    quit(status = 0)
  }
  cat(answer, "\n", sep = "")
  flush(stdout())
}
