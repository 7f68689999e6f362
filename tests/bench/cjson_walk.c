/*
 * usage: cjson_walk FILE
 * The bare baseline of `cpdflow eval resources[-1].metadata.name FILE`: read, cJSON_Parse, walk, print.
 */
#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    struct stat status;
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        return 2;
    }
    size_t size = (size_t)status.st_size;
    char *text = malloc(size + 1);
    if (text == NULL || fread(text, 1, size, file) != size) {
        return 2;
    }
    text[size] = '\0';
    fclose(file);
    cJSON *tree = cJSON_Parse(text);
    const cJSON *last = cJSON_GetObjectItemCaseSensitive(tree, "resources")->child->prev;
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(last, "metadata");
    puts(cJSON_GetObjectItemCaseSensitive(metadata, "name")->valuestring);
    return 0;
}
